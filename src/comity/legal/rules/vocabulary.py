"""The closed lists of codes that tables and facts may use. A code outside its list is refused in a table and unknown
in a fact; codes of different schemes (classification, handling code, TLP, PAP) are never converted into each other.
"""

from typing import Final

MEASURES: Final = frozenset({
    "hit_no_hit", "core_data", "evidence_information", "police_info", "spontaneous_info", "direct_access_search",
    "preserve", "preserve_disclose_traffic", "subscriber_data", "traffic_data", "content_data", "realtime_traffic",
    "interception", "domain_data", "emergency_data", "search_seizure", "documents_records", "bank_info",
    "bank_monitoring", "hearing_person", "hearing_video", "hearing_phone", "service_documents",
    "transfer_prisoner_witness", "appearance_person", "expert_lab_exam", "crime_scene_site_exam",
    "joint_investigation", "controlled_delivery", "covert_ops", "observation_crossborder", "hot_pursuit",
    "extradition", "surrender", "provisional_arrest", "transit", "freezing", "confiscation", "asset_return",
    "proceeds_info", "fiu_info", "alert_arrest", "alert_missing", "alert_witness_judicial", "alert_discreet_check",
    "alert_inquiry_check", "alert_specific_check", "alert_object", "alert_unknown_print", "alert_info",
    "alert_entry_refusal", "alert_return", "notice", "diffusion", "criminal_record", "transfer_proceedings",
    "transfer_sentenced", "ship_boarding", "other_not_contrary",
})  # fmt: skip

PURPOSES: Final = frozenset({
    "prevention", "detection", "criminal_investigation", "prosecution", "execution_of_penalty",
    "public_security_threat", "missing_person", "human_remains_identification", "humanitarian", "asset_tracing",
    "extradition_surrender", "witness_protection", "border_check",
})  # fmt: skip

DATA_CATEGORIES: Final = frozenset({
    "dna_profile", "fingerprints", "facial_image", "core_data", "exhibit", "laboratory_report", "information",
    "document", "statement", "subscriber", "traffic", "content",
})  # fmt: skip

MODALITIES: Final = frozenset({"dna", "fingerprint", "face", "register"})

AUTHORITIES: Final = frozenset({
    "contact_point", "central_authority", "judicial_authority", "police", "laboratory", "customs", "border_guard",
})  # fmt: skip

DATA_SUBJECTS: Final = frozenset({
    "suspect", "convicted", "victim", "possible_victim", "witness", "informant", "contact_associate", "other",
    "unknown_not_yet_categorised",
})  # fmt: skip
"""Directive (EU) 2016/680, article 6."""

REFUSAL_GROUNDS: Final = frozenset({
    "not_party_or_not_in_force", "measure_not_available", "outside_scope", "formal_defect", "no_dual_criminality",
    "below_penalty_threshold", "political_offence", "military_offence", "fiscal_offence", "discrimination",
    "death_penalty_or_cruel_treatment", "ne_bis_in_idem", "lapse_of_time", "immunity_privilege_press",
    "national_security_sovereignty_ordre_public", "prejudice_ongoing_case", "fundamental_rights", "in_absentia", "age",
    "nationality", "territoriality", "not_allowed_domestically", "disproportionate_trivial",
    "already_used_or_excessive_cost", "data_not_held", "judicial_authorisation_refused", "originator_refused",
    "purpose_incompatible", "declined_after_call",
})  # fmt: skip

EFFECTS: Final = frozenset({
    "exclude_offence_category", "exclude_measure", "exclude_purpose", "threshold", "require_judge",
    "require_dual_criminality",
})  # fmt: skip
"""What a declaration may do."""

ICCS: Final = frozenset(f"{n:02d}" for n in range(1, 12))
"""International Classification of Crime for Statistical Purposes 1.0, level 1."""

EAW_LIST: Final = frozenset({
    "criminal_organisation", "terrorism", "trafficking_human_beings", "sexual_exploitation_children_csam", "drugs",
    "weapons_munitions_explosives", "corruption", "fraud_eu_financial_interests", "laundering",
    "counterfeiting_currency", "computer_crime", "environmental_crime_endangered_species",
    "unauthorised_entry_residence", "murder_grievous_bodily_injury", "organ_tissue_trade", "kidnapping_hostage",
    "racism_xenophobia", "organised_armed_robbery", "cultural_goods", "swindling", "racketeering_extortion",
    "counterfeiting_piracy", "forgery_admin_documents", "forgery_means_of_payment", "hormonal_substances",
    "nuclear_radioactive", "stolen_vehicles", "rape", "arson", "icc_crimes", "seizure_aircraft_ships", "sabotage",
})  # fmt: skip
"""Framework Decision 2002/584/JHA, article 2(2)."""

CATEGORIES: Final = frozenset({
    "homicide", "bodily_harm", "negligence", "trafficking", "kidnapping", "sexual", "robbery", "property", "arson",
    "drugs", "weapons", "fraud", "fiscal", "laundering", "corruption", "computer", "environment", "public_order",
    "political", "military", "religious", "racial", "other",
})  # fmt: skip

CHARACTERS: Final = ("political", "military", "religious", "racial")
"""Characters that stop an act for review (the neutrality rule of international police cooperation)."""

HANDLING: Final = ("H0", "H1", "H2", "H3")
TLP: Final = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")
PAP: Final = ("CLEAR", "GREEN", "AMBER", "RED")
CLASSIFICATIONS: Final = ("UNCLASSIFIED", "RESTRICTED", "CONFIDENTIAL", "SECRET", "TOP SECRET")
