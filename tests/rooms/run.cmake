# Scenarios: the built program, run as a user would, on real servers.
# scenario(NAME LABELS l… [ALONE] [JUDGED]): tests/live/scenario_NAME.py. ALONE: what it asserts are times and rates. JUDGED: it
# wants runs that are valid, which a busy machine spoils: one of these at a time. What is not alone takes long, and begins first.
function(scenario NAME)
  cmake_parse_arguments(S "ALONE;JUDGED" "" "LABELS" ${ARGN})
  add_test(NAME scenario_${NAME} COMMAND ${PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/live/scenario_${NAME}.py)
  set_tests_properties(scenario_${NAME} PROPERTIES LABELS "${S_LABELS}" TIMEOUT 600 RUN_SERIAL ${S_ALONE}
    SKIP_RETURN_CODE 77 ENVIRONMENT "REHEARSE=$<TARGET_FILE:rehearse>")
  if(NOT S_ALONE)
    set_tests_properties(scenario_${NAME} PROPERTIES COST 100)
  endif()
  if(S_JUDGED)
    set_tests_properties(scenario_${NAME} PROPERTIES RESOURCE_LOCK valid_runs)
  endif()
endfunction()

scenario(locks LABELS pg truth ALONE)
scenario(shop LABELS pg ALONE)
scenario(replica LABELS pg JUDGED)
scenario(replica_refused LABELS pg)
scenario(faults LABELS pg fault)
scenario(data LABELS pg)
scenario(commands LABELS pg JUDGED)
scenario(locks_mysql LABELS mysql truth ALONE)
scenario(shop_mysql LABELS mysql ALONE)
scenario(replica_mysql LABELS mysql JUDGED)
scenario(faults_mysql LABELS mysql fault)
scenario(half_mysql LABELS mysql JUDGED)
scenario(commands_mysql LABELS mysql JUDGED)
