"""OneRoster's query rules: filter, sort, field selection and paging. None of it knows a store."""
