"""Pictures of results: contact sheet, HTML page and terminal drawing."""
