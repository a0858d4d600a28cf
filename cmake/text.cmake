# cmake -DIN=a.css -DOUT=a.c -DNAME=a -DHEADER=room/a.h -P text.cmake: a text file as a C string.
file(READ ${IN} HEX HEX)
string(REGEX REPLACE "(..)" "'\\\\x\\1'," BYTES "${HEX}")
file(WRITE ${OUT} "#include \"${HEADER}\"\n\nconst char ${NAME}[] = {${BYTES}'\\0'};\n")
