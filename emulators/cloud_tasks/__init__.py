"""An emulator of Cloud Tasks: schedules, deduplication, rate limits and retries of the real service.

Tasks are in memory: they are lost when the process ends, as in Google's own emulators.
"""
