# What holds for the tree as a whole. These tests run no code of ours.
add_test(NAME house_floors COMMAND "${PROJECT_SOURCE_DIR}/tests/house/floors")
add_test(NAME house_floors_finds COMMAND "${PROJECT_SOURCE_DIR}/tests/house/floors" --self-test)
add_test(NAME house_format COMMAND "${PROJECT_SOURCE_DIR}/tests/house/format")
add_test(NAME house_plan_schema COMMAND "${PROJECT_SOURCE_DIR}/tests/house/plan_schema")
set_tests_properties(house_floors house_floors_finds house_format house_plan_schema PROPERTIES
  LABELS house TIMEOUT 180 SKIP_RETURN_CODE 77)
