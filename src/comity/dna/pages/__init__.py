"""The laboratory's pages: profiles, what they weigh, relatives, mixtures, files taken in, figures of the database."""
