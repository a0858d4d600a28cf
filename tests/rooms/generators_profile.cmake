check(generator_redact LABELS unit NEEDS generators)
check(profile_json LABELS unit NEEDS generators)
check(generator_translate LABELS unit NEEDS generators)
check(translate LABELS mysql NEEDS generators sandbox TIMEOUT 300)
check(profile_pg LABELS pg NEEDS generators sandbox TIMEOUT 300)
check(profile_mysql LABELS mysql NEEDS generators sandbox TIMEOUT 300)
check(audit_query LABELS unit NEEDS generators)
check(generator_audit LABELS unit NEEDS generators)
check(audit_pg LABELS pg NEEDS generators sandbox TIMEOUT 300)
check(redact_pg LABELS pg NEEDS generators sandbox TIMEOUT 300)

add_test(NAME profile_schema COMMAND ${PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/house/profile_schema $<TARGET_FILE:test_profile_json>)
set_tests_properties(profile_schema PROPERTIES LABELS house TIMEOUT 180 SKIP_RETURN_CODE 77)

add_test(NAME scenario_profile COMMAND ${PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/live/scenario_profile.py)
set_tests_properties(scenario_profile PROPERTIES LABELS pg TIMEOUT 300 SKIP_RETURN_CODE 77
  ENVIRONMENT "REHEARSE=$<TARGET_FILE:rehearse>")

add_test(NAME scenario_rules COMMAND ${PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/live/scenario_rules.py)
set_tests_properties(scenario_rules PROPERTIES LABELS pg TIMEOUT 300 SKIP_RETURN_CODE 77
  ENVIRONMENT "REHEARSE=$<TARGET_FILE:rehearse>")
