"""The validator: leases conversations, asks miners, grades what they answer, sets weights."""
