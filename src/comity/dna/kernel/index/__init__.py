"""The index of profiles: found by loci taken together instead of one by one (ADR 29). Loading it loads the compiler."""
