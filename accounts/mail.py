"""E-mail messages, rendered from a pair of templates."""

import logging
import smtplib
from typing import Any

from django.core.mail import EmailMessage
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)


def send(prefix: str, address: str, context: dict[str, Any]) -> bool:
    """Send `prefix`_subject.txt and `prefix`_message.txt; return whether the server took them."""
    subject = " ".join(render_to_string(f"{prefix}_subject.txt", context).split())
    text = render_to_string(f"{prefix}_message.txt", context).strip() + "\n"
    return deliver(EmailMessage(subject, text, to=[address]))


def deliver(message: EmailMessage) -> bool:
    """Send a message; return whether the mail server took it, and log if it did not."""
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        logger.error("An e-mail message could not be sent: %s", error)
        return False
    return True
