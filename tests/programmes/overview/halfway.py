"""A stage that asks two things of every cycle, one of which is done and one of which blocks."""

from peerhub.common.stages import Progress, Silent


class Halfway(Silent):
    def progress(self, cycle_ids):
        return {pk: Progress(done=1, total=2, blocked=1) for pk in cycle_ids}


class Nothing(Silent):
    pass


STAGES = ["tests.programmes.overview.halfway.Halfway", *["tests.programmes.overview.halfway.Nothing"] * 4]
