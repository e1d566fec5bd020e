"""A gate that is only planned: `planned` says what would be measured and for how long, `seeing` what that could see."""
