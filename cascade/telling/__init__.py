"""What people look at: tables, pictures, pages and files."""
