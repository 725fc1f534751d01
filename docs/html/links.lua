-- Links between pages and to sources lead to what docs.sh makes of them: PAGE.md is PAGE.html, FILE.c is FILE.c.html.
local pictures = {png = true, svg = true, gif = true, webp = true}

function Link(link)
  local path, anchor = link.target:match('^([^#]*)(.*)$')
  if path == '' or path:find(':') or pictures[path:match('%.(%w+)$')] then
    return nil
  end
  link.target = (path:match('^(.*)%.md$') or path) .. '.html' .. anchor
  return link
end
