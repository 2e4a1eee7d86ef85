"""Contract suites: what every component has to keep. Run them on components of your own with pytest.

A suite is a class with tests; a subclass whose name begins with ``Test`` gives it the component::

    class TestMine(TreatmentContract):
        component = MyTreatment(epochs=3, learning_rate=1e-3)
"""

from depsim.testing.assessments import AssessmentContract
from depsim.testing.models import ModelContract
from depsim.testing.plans import PathologyContract, TreatmentContract
from depsim.testing.tasks import TaskContract
from depsim.testing.world import copied, follow, same

__all__ = [
    "AssessmentContract",
    "ModelContract",
    "PathologyContract",
    "TaskContract",
    "TreatmentContract",
    "copied",
    "follow",
    "same",
]
