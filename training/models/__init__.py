"""Rows of stage 2, a file per aggregate."""

# --- recruitment ---
from training.models.applications import Answer, Application, ApplicationEvent, ApplicationState
from training.models.assessments import Assessment, Consensus, HelperKind, RoundHelper, Score

# --- modules, curricula and clearance ---
from training.models.certification import (
    CertificationAward,
    CertificationLevel,
    CertificationScheme,
    CertificationTopic,
)
from training.models.clearances import ClearanceWaiver, RightToWork, RightToWorkKind
from training.models.curricula import Curriculum, CurriculumModule, LeaderTerms
from training.models.deliveries import (
    LIVE_PLACES,
    ONCE,
    REGISTERED,
    Delivery,
    DeliveryPlace,
    PlaceState,
)
from training.models.development import DevelopmentEntry, DevelopmentKind

# --- equality monitoring ---
from training.models.equality import EqualityAnswers, EqualityBox

# --- handbooks ---
from training.models.handbooks import (
    BriefingGiven,
    Handbook,
    HandbookAcknowledgement,
    HandbookKind,
    HandbookSection,
    HandbookVersion,
    Reader,
)
from training.models.imports import CompletionImport, CompletionImportState, FileKind
from training.models.interviews import InterviewSlot
from training.models.modules import AssessmentKind, Completion, CompletionSource, Mode, Module
from training.models.observations import HIGHEST_MARK, LOWEST_MARK, Observation
from training.models.quizzes import Attempt, QuizQuestion
from training.models.rounds import Criterion, Question, RecruitmentRound, RoundState

__all__ = [
    "HIGHEST_MARK",
    "LIVE_PLACES",
    "LOWEST_MARK",
    "ONCE",
    "REGISTERED",
    "Answer",
    "Application",
    "ApplicationEvent",
    "ApplicationState",
    "Assessment",
    "AssessmentKind",
    "Attempt",
    "BriefingGiven",
    "CertificationAward",
    "CertificationLevel",
    "CertificationScheme",
    "CertificationTopic",
    "ClearanceWaiver",
    "Completion",
    "CompletionImport",
    "CompletionImportState",
    "CompletionSource",
    "Consensus",
    "Criterion",
    "Curriculum",
    "CurriculumModule",
    "Delivery",
    "DeliveryPlace",
    "DevelopmentEntry",
    "DevelopmentKind",
    "EqualityAnswers",
    "EqualityBox",
    "FileKind",
    "Handbook",
    "HandbookAcknowledgement",
    "HandbookKind",
    "HandbookSection",
    "HandbookVersion",
    "HelperKind",
    "InterviewSlot",
    "LeaderTerms",
    "Mode",
    "Module",
    "Observation",
    "PlaceState",
    "Question",
    "QuizQuestion",
    "Reader",
    "RecruitmentRound",
    "RightToWork",
    "RightToWorkKind",
    "RoundHelper",
    "RoundState",
    "Score",
]
