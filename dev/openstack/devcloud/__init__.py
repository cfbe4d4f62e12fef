"""Runs a small OpenStack on 127.0.0.1. The program is `cloud`, one directory up."""
