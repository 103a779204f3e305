"""Rows of stage 2, a file per aggregate."""

# --- recruitment ---
from training.models.applications import Answer, Application, ApplicationEvent, ApplicationState
from training.models.assessments import Assessment, Consensus, HelperKind, RoundHelper, Score
from training.models.rounds import Criterion, Question, RecruitmentRound, RoundState

__all__ = [
    "Answer",
    "Application",
    "ApplicationEvent",
    "ApplicationState",
    "Assessment",
    "Consensus",
    "Criterion",
    "HelperKind",
    "Question",
    "RecruitmentRound",
    "RoundHelper",
    "RoundState",
    "Score",
]
