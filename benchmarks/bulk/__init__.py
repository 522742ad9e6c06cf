"""Bulk runs measured: speed, memory, what a stop costs, and what one machine can finish."""
