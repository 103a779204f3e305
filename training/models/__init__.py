"""Rows of stage 2, a file per aggregate."""

# --- recruitment ---
from training.models.applications import Answer, Application, ApplicationEvent, ApplicationState
from training.models.rounds import Criterion, Question, RecruitmentRound, RoundState

__all__ = [
    "Answer",
    "Application",
    "ApplicationEvent",
    "ApplicationState",
    "Criterion",
    "Question",
    "RecruitmentRound",
    "RoundState",
]
