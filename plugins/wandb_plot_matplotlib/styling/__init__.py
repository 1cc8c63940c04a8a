"""How figures look: styles and sizes, fonts, and what tells lines apart."""
