"""Hostile weather for Ringway, nginx and HAProxy, side by side. See loadtest/README.md."""
