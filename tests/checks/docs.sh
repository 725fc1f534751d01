#!/usr/bin/env bash
# The documentation as HTML in build/docs/: the book and the other pages, and what they lead to, sources too, to be
# read without a network and wherever the folder is copied to. Then follows every link of it.
. "$(dirname "$0")/lib.sh"
export how=docs/html # the frame of a page, its style, and what becomes of links
export out=build/docs

# The files that a page leads to, from the root of the repository.
linked() {
    { grep -oE '\]\([^)#:]+|src="[^":]+' "$1" || true; } | sed -E 's/^(\]\(|src=")//' |
        (cd "$(dirname "$1")" && xargs -r realpath --relative-to="$OLDPWD")
}

# Puts the files and all that they lead to on the list.
declare -A list
follow() {
    local file more
    for file in "$@"; do
        if [ ! -f "$file" ] || [ -n "${list[$file]-}" ]; then continue; fi
        list[$file]=1
        [[ $file = *.md ]] || continue
        mapfile -t more < <(linked "$file")
        follow "${more[@]}"
    done
}

# The list of contents in HTML, as seen from the book.
contents() {
    sed -n '/^## Contents/,/^## /p' docs/book/README.md | grep -v '^## ' |
        pandoc -f gfm --wrap=none -L $how/links.lua
}

# convert FILE TITLE: Markdown from standard input to the HTML page of that file.
convert() {
    local target=$out/${1%.md}.html up previous='' next='' page
    up=$(realpath --relative-to="$(dirname "$1")" .)
    mkdir -p "$(dirname "$target")"
    case $1 in
    docs/book/*.md)
        page=$(basename "$1" .md).html
        previous=$(grep -B 1 -xF "$page" $out/order | grep -vxF "$page") || true
        next=$(grep -A 1 -xF "$page" $out/order | grep -vxF "$page") || true
        ;;
    esac
    sed "s|href=\"|href=\"$up/docs/book/|; s|\(href=\"[^\"]*/$(realpath --relative-to=docs/book "${1%.md}").html\"\)|\1 aria-current=\"page\"|" \
        $out/contents >"$target.contents"
    pandoc -f gfm --wrap=none -L $how/links.lua --template $how/page.html -V up="$up" -V pagetitle="$2" \
        ${previous:+-V previous="$previous"} ${next:+-V next="$next"} \
        -V contents="$(cat "$target.contents")" -o "$target"
    rm "$target.contents"
}

# Makes the page of a file, or copies a picture.
make_page() {
    case $1 in
    *.png | *.svg | *.gif | *.webp) mkdir -p "$out/$(dirname "$1")" && cp "$1" "$out/$1" ;;
    *.md) convert "$1" "$(sed -n '/^# / { s///p; q }' "$1")" <"$1" ;;
    *)
        {
            printf '# `%s`\n\n~~~~~~~~ %s\n' "$1" "$(basename "${1##*.}")"
            cat "$1"
            printf '~~~~~~~~\n'
        } | convert "$1" "$1"
        ;;
    esac
}

rm -rf $out
mkdir -p $out
cp $how/style.css $out
contents >$out/contents
grep -o 'href="[^"]*' $out/contents | cut -c 7- | grep -v / >$out/order
follow README.md CONTRIBUTING.md docs/*.md docs/book/*.md
export -f convert make_page
printf '%s\0' "${!list[@]}" | xargs -0 -P "$(nproc)" -n 8 bash -euc 'for file; do make_page "$file"; done' -
rm $out/contents $out/order
echo '<meta http-equiv="refresh" content="0; url=docs/book/README.html">' >$out/index.html
python3 $how/follow_links.py $out
echo "$PWD/$out/index.html"
