"""The door of the room; the verbs by file:

asking      preview, ask, correct, withdraw; on_answer, on_refusal, on_delivery; expire
answering   on_query, review, on_correction, on_withdrawal
confirming  confirm, near_match_explained, candidate; on_confirmation
core        request_core_data, authorise, release, refuse, open_identity; on_core_request, on_status, on_core_data
showing     overview, detail, explain: what a person may see of a query
"""
