"""Spans of OpenTelemetry around the engine's work, where a program has set OpenTelemetry up."""
