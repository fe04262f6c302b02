"""Time from sending a message to its answer on the screen of the sandbox, in Chromium.

Run it beside a running instance:  .venv/bin/python benchmarks/first_answer.py [http://127.0.0.1:8000]
Prints the median and the 95th percentile of 20 messages; the peer in the same run is the bare
round trip of one API call of the sandbox, so the ratio says what the whole path costs here.
"""

import statistics
import sys
import time

import httpx
from playwright.sync_api import sync_playwright

ROUNDS = 20
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]

# Presses Enter in the composer, and resolves when the bot's answer that names the word is painted.
MEASURE = """async (word) => {
    const answered = () => [...document.querySelectorAll("#messages .message:not(.mine)")]
        .some((message) => message.innerText.includes(word));
    const enter = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true });
    const started = performance.now();
    document.querySelector("#composer-text").dispatchEvent(enter);
    await new Promise((done) => {
        const check = () => { if (answered()) { watch.disconnect(); done(); } };
        const watch = new MutationObserver(check);
        watch.observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    await new Promise(requestAnimationFrame);
    return performance.now() - started;
}"""


def main(url: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page()
        page.goto(f"{url}/sandbox/")
        page.wait_for_selector("#connection[data-state=live]")
        times = [on_screen(page, number) for number in range(ROUNDS + 2)][2:]
        browser.close()
    peer = statistics.median(round_trips(url))
    report("message to answer on screen", times)
    print(f"one API call alone: {peer:.1f} ms; ratio {statistics.median(times) / peer:.1f}")


def on_screen(page, number: int) -> float:
    word = f"/q{number}x{time.time_ns() % 10**6}"
    page.fill("#composer-text", word)
    milliseconds = page.evaluate(MEASURE, word)
    time.sleep(0.4)  # within the sandbox's limit of four messages a second
    return milliseconds


def round_trips(url: str) -> list[float]:
    token = httpx.get(f"{url}/sandbox/world").json()["people"][0]["token"]
    with httpx.Client(headers={"Authorization": f"Bearer {token}"}) as client:
        times = []
        for _ in range(ROUNDS):
            started = time.perf_counter()
            client.get(f"{url}/sandbox/api/shared/v1/profile").raise_for_status()
            times.append((time.perf_counter() - started) * 1000)
    return times


def report(name: str, times: list[float]) -> None:
    ordered = sorted(times)
    p95 = ordered[int(len(ordered) * 0.95) - 1]
    print(f"{name}: median {statistics.median(times):.0f} ms, p95 {p95:.0f} ms, n={len(times)}")


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8000")
