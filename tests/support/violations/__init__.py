"""Violations: for each clause an exchange that its breach breaks, and how one sees it."""

from . import answers, groups, requests, service, traffic

CASES = (*answers.CASES, *groups.CASES, *requests.CASES, *service.CASES, *traffic.CASES)
