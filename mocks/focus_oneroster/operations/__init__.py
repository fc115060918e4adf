"""The operations of the contract, a function each, grouped by the collection they answer with."""
