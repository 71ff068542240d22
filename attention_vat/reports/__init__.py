"""Output for people: the HTML report and tables."""

from attention_vat.reports.attention_view import AttentionView
from attention_vat.reports.html import write_report
from attention_vat.reports.output import check_output_dir, write_evaluation
from attention_vat.reports.table import format_table, metrics_table

__all__ = ["AttentionView", "check_output_dir", "format_table", "metrics_table", "write_evaluation", "write_report"]
