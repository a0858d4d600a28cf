/* page: the style sheet of the HTML report, from page.css, as text. Made by the build. */
#ifndef REHEARSE_REPORTS_PAGE_H
#define REHEARSE_REPORTS_PAGE_H

extern const char page_css[];

#endif
