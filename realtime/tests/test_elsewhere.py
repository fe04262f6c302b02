import pytest
from websockets.exceptions import InvalidStatus

from realtime.actions import apublish
from realtime.envelope import encode
from realtime.tests.processes import hear, join, processes

pytestmark = pytest.mark.slow


async def test_another_project_serves_its_own_register_at_its_own_path(broker, tmp_path):
    application = "realtime.tests.elsewhere:application"
    with processes(1, broker, tmp_path, application=application) as [process]:
        async with process.connect(path="/ws/game") as client:
            await client.send(encode("move", 7))
            assert (await hear(client, "move"))["payload"] == {"moved": 7}
            await join(client, "table.1")
            await apublish("moved", 8, "table.1")
            assert (await hear(client, "moved"))["payload"] == 8

        with pytest.raises(InvalidStatus):
            async with process.connect():
                pass
