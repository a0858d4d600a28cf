# Scenarios: the built program, run as a user would, on real servers.
# scenario(NAME LABELS l… [ALONE]): tests/live/scenario_NAME.py. ALONE: what it asserts are times and rates. The others take
# long, and begin first.
function(scenario NAME)
  cmake_parse_arguments(S "ALONE" "" "LABELS" ${ARGN})
  add_test(NAME scenario_${NAME} COMMAND ${PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/live/scenario_${NAME}.py)
  set_tests_properties(scenario_${NAME} PROPERTIES LABELS "${S_LABELS}" TIMEOUT 600 RUN_SERIAL ${S_ALONE}
    SKIP_RETURN_CODE 77 ENVIRONMENT "REHEARSE=$<TARGET_FILE:rehearse>")
  if(NOT S_ALONE)
    set_tests_properties(scenario_${NAME} PROPERTIES COST 100)
  endif()
endfunction()

scenario(locks LABELS pg truth ALONE)
scenario(shop LABELS pg ALONE)
scenario(replica LABELS pg ALONE)
scenario(replica_refused LABELS pg)
scenario(faults LABELS pg fault)
scenario(commands LABELS pg)
scenario(locks_mysql LABELS mysql truth ALONE)
scenario(shop_mysql LABELS mysql ALONE)
scenario(replica_mysql LABELS mysql)
scenario(faults_mysql LABELS mysql fault)
scenario(half_mysql LABELS mysql)
scenario(commands_mysql LABELS mysql)
