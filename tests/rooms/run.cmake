# Scenarios: the built program, run as a user would, on real servers.
foreach(SCENARIO locks shop faults replica commands locks_mysql half_mysql shop_mysql faults_mysql)
  add_test(NAME scenario_${SCENARIO}
    COMMAND ${PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/live/scenario_${SCENARIO}.py)
  set_tests_properties(scenario_${SCENARIO} PROPERTIES TIMEOUT 600 RUN_SERIAL ON SKIP_RETURN_CODE 77
    ENVIRONMENT "REHEARSE=$<TARGET_FILE:rehearse>")
endforeach()
set_tests_properties(scenario_locks PROPERTIES LABELS "pg;truth")
set_tests_properties(scenario_shop PROPERTIES LABELS pg)
set_tests_properties(scenario_replica PROPERTIES LABELS pg)
set_tests_properties(scenario_commands PROPERTIES LABELS pg)
set_tests_properties(scenario_faults PROPERTIES LABELS "pg;fault")
set_tests_properties(scenario_locks_mysql PROPERTIES LABELS "mysql;truth")
set_tests_properties(scenario_half_mysql PROPERTIES LABELS mysql)
set_tests_properties(scenario_shop_mysql PROPERTIES LABELS mysql)
set_tests_properties(scenario_faults_mysql PROPERTIES LABELS "mysql;fault")

add_test(NAME scenario_commands_mysql
  COMMAND ${PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/live/scenario_commands_mysql.py)
set_tests_properties(scenario_commands_mysql PROPERTIES LABELS mysql TIMEOUT 600 RUN_SERIAL ON SKIP_RETURN_CODE 77
  ENVIRONMENT "REHEARSE=$<TARGET_FILE:rehearse>")
