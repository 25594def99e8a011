"""Trade-offs of any finite alphabets, by solvers that certify their answers; start at `transport`."""
