/*
 * assets - files of the source tree inside the program, so that it works from
 * any folder.
 *
 * Floor 4.  Texts that end with a NUL.
 */
#ifndef HARNESS_ASSETS_H
#define HARNESS_ASSETS_H

extern const char asset_style_gp[];
extern const char asset_throughput_gp[];
extern const char asset_breakdown_gp[];
extern const char asset_latency_gp[];
extern const char asset_knee_gp[];
extern const char asset_compare_gp[];
extern const char asset_evidence_gp[];
extern const char asset_timeline_gp[];
extern const char asset_granularity_gp[];
extern const char asset_startup_gp[];
extern const char asset_calls_gp[];
extern const char asset_placement_gp[];
extern const char asset_policies_gp[];
extern const char asset_peers_gp[];
extern const char asset_payload_gp[];
extern const char asset_report_css[];
extern const char asset_live_html[];

#endif
