"""Rows of stage 2, a file per aggregate."""

# --- recruitment ---
from training.models.applications import Answer, Application, ApplicationEvent, ApplicationState
from training.models.assessments import Assessment, Consensus, HelperKind, RoundHelper, Score

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
from training.models.rounds import Criterion, Question, RecruitmentRound, RoundState

__all__ = [
    "Answer",
    "Application",
    "ApplicationEvent",
    "ApplicationState",
    "Assessment",
    "BriefingGiven",
    "Consensus",
    "Criterion",
    "Handbook",
    "HandbookAcknowledgement",
    "HandbookKind",
    "HandbookSection",
    "HandbookVersion",
    "HelperKind",
    "Question",
    "Reader",
    "RecruitmentRound",
    "RoundHelper",
    "RoundState",
    "Score",
]
