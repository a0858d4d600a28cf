check(reports_golden LABELS golden NEEDS reports)
target_compile_definitions(test_reports_golden PRIVATE GOLDEN_DIRECTORY="${CMAKE_CURRENT_SOURCE_DIR}/golden")
