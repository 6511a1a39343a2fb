"""Cloud Tasks on this machine: schedule, deduplication, rate limits and retries of the real service.

Tasks live in memory: they end with the process, like those of Google's own emulators.
"""
