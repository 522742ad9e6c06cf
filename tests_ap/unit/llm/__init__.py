"""Tests of the language models: real SDKs against a loopback server that speaks the providers' documented JSON."""
