"""Fifty programs want the same text at the same moment, on real rows."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from tts.models import Audio, Speech

CROWD = 50


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("api")
def test_fifty_identical_requests_at_once_make_one_speech(work: Any, tone: Any) -> None:
    gate = threading.Barrier(CROWD)
    asked = {"route_id": "новости", "route_text": "привет"}

    def ask(_: int) -> int:
        gate.wait()
        try:
            client = Client(headers={"api-key": "key of ann"})
            answer = client.post("/tts/string_to_audio", asked, content_type="application/json")
            return answer.status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(CROWD) as crowd:
        statuses = Counter(crowd.map(ask, range(CROWD)))

    work()
    assert statuses == {200: 1, 201: CROWD - 1}
    assert (Speech.objects.count(), Audio.objects.count()) == (1, 1)
    assert tone.spoken == ["привет"]
