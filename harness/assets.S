/*
 * See assets.h.  Paths are relative to the root of the tree, where make runs.
 */
	.section .rodata

	.global asset_style_gp
asset_style_gp:
	.incbin "plots/style.gp"
	.byte 0

	.global asset_throughput_gp
asset_throughput_gp:
	.incbin "plots/throughput.gp"
	.byte 0

	.global asset_breakdown_gp
asset_breakdown_gp:
	.incbin "plots/breakdown.gp"
	.byte 0

	.global asset_latency_gp
asset_latency_gp:
	.incbin "plots/latency.gp"
	.byte 0

	.global asset_knee_gp
asset_knee_gp:
	.incbin "plots/knee.gp"
	.byte 0

	.global asset_compare_gp
asset_compare_gp:
	.incbin "plots/compare.gp"
	.byte 0

	.global asset_evidence_gp
asset_evidence_gp:
	.incbin "plots/evidence.gp"
	.byte 0

	.global asset_timeline_gp
asset_timeline_gp:
	.incbin "plots/timeline.gp"
	.byte 0

	.global asset_granularity_gp
asset_granularity_gp:
	.incbin "plots/granularity.gp"
	.byte 0

	.global asset_startup_gp
asset_startup_gp:
	.incbin "plots/startup.gp"
	.byte 0

	.global asset_calls_gp
asset_calls_gp:
	.incbin "plots/calls.gp"
	.byte 0

	.global asset_placement_gp
asset_placement_gp:
	.incbin "plots/placement.gp"
	.byte 0

	.global asset_policies_gp
asset_policies_gp:
	.incbin "plots/policies.gp"
	.byte 0

	.global asset_peers_gp
asset_peers_gp:
	.incbin "plots/peers.gp"
	.byte 0

	.global asset_payload_gp
asset_payload_gp:
	.incbin "plots/payload.gp"
	.byte 0

	.global asset_report_css
asset_report_css:
	.incbin "harness/report.css"
	.byte 0

	.global asset_live_html
asset_live_html:
	.incbin "harness/live.html"
	.byte 0

	/* Without this the linker makes the stack executable. */
	.section .note.GNU-stack,"",@progbits
