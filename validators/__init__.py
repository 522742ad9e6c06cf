"""The validator: leases conversations, asks miners, grades what they answer, sets weights."""

import os

# Read when numpy is loaded, hence here. Products in grading are small: a second thread would mostly spin.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
