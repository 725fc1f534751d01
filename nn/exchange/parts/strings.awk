# The parts of exported C files as the elements of an array of {"float/relu", "text"}.
FNR == 1 {
    if (NR > 1)
        print "},"
    count = split(FILENAME, folder, "/")
    sub(/\.c$/, "", folder[count])
    printf "{\"%s/%s\",\n", folder[count - 1], folder[count]
}
{
    gsub(/\\/, "\\\\")
    gsub(/"/, "\\\"")
    printf "\"%s\\n\"\n", $0
}
END { print "}," }
