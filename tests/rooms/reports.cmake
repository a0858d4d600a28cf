check(reports_record LABELS unit NEEDS reports)
check(reports_threshold LABELS unit NEEDS reports)
check(reports_escape LABELS unit NEEDS reports)
check(reports_html LABELS unit NEEDS reports)
check(reports_golden LABELS golden NEEDS reports)
target_compile_definitions(test_reports_golden PRIVATE GOLDEN_DIRECTORY="${CMAKE_CURRENT_SOURCE_DIR}/golden")

add_executable(record_keys support/record_keys.c)
target_link_libraries(record_keys PRIVATE reports)
add_test(NAME schema_agrees
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/house/schema_agrees $<TARGET_FILE:record_keys>)
set_tests_properties(schema_agrees PROPERTIES LABELS house SKIP_RETURN_CODE 77 TIMEOUT 180)
