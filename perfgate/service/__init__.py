"""Services: a target string becomes an open service with a URL, ready for load, whose CPU and memory can be read.

Values: `target` (target strings), `settings` (`[service]` of perfgate.toml, and the context of a launch), `usage`,
`owner`, `trust` (whose certificates are believed), `dependency` and its `endpoint`, `placeholders` in texts of the
settings; `kept_trees` of commits that are started again. Towards ready: `probe` (one request), `readiness` (until one
succeeds), `starting` (the end of every start). `containers`, `commits` and `processes` start services, each in its own
way; `url` takes those that run already, which `external_server` reads and whose CPUs are theirs again after
`overrides`; `opening` chooses among them, and `resetting` prepares a service for a round. `attribution` finds what a
service depends on though nobody named it.

Others take the values `target`, `settings`, `usage`, `trust`, `dependency`, `endpoint` and `placeholders`;
`processes.programs`, which tells whether what one side runs was replaced;
`kept_trees.KeptTrees`, `opening.open_target` and the `service.Service` that it returns; `commits.refs.look_up` and
`look_up_sides`, `commits.named_file`, `resetting.prepare_round`, `containers.other_containers`,
`containers.settings_in_use`, `known_values`, `attribution.attribution` and `attribution.pinning`; `probe.fetch` for one
page of a service; for messages `log.said_last` and `starting.with_heading`.
"""
