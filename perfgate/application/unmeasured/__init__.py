"""What a gate need not measure: `untouched`, a configuration of whose `paths` a pull request changes nothing."""
