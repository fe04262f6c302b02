"""Storage of conversations in the database."""

from django.utils import timezone

from bots.framework.fsm.storage import Key, Overtaken, Record
from bots.models import Conversation


class OrmStorage:
    """Stores conversations in the database, in the commit that completes the update."""

    def load(self, key: Key) -> Record:
        row = Conversation.objects.filter(bot_id=key.bot_id, key=key.name).first()
        if row is None:
            return Record()
        record = Record(row.state or None, row.data, row.expires_at, row.version)
        return Record(version=row.version) if record.has_expired else record

    def save(self, key: Key, record: Record) -> None:
        values = {"state": record.state or "", "data": record.data, "expires_at": record.expires_at}
        rows = Conversation.objects.filter(bot_id=key.bot_id, key=key.name)
        if record.version:
            newer = {**values, "version": record.version + 1, "changed_at": timezone.now()}
            is_saved = rows.filter(version=record.version).update(**newer) == 1
        else:
            _, is_saved = rows.get_or_create(bot_id=key.bot_id, key=key.name, defaults=values)
        if not is_saved:
            raise Overtaken(Overtaken.__doc__)
