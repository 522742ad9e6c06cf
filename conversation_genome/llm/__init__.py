"""Language models: providers behind one Protocol, and what stands around every call: cache, budget, patience."""
