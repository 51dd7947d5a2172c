/** Request bodies exactly as the source systems print them in their examples. */

/** S1, "Register a User" and "Login". */
export const JOHN = {
  register: `{
    "name": "John Doe",
    "email": "john@example.com",
    "password": "password123"
  }`,
  login: `{
    "email": "john@example.com",
    "password": "password123"
  }`,
};

/** S1, "Create Order". */
export const GO_BOOK_ORDER = `{
    "product": "Go Programming Book",
    "quantity": 2,
    "price": 29.99
  }`;

/** S2 prints one body for both doors. */
const S2_BODY = `{
  "email": "user@example.com",
  "password": "password123"
}`;
export const PHOTOGRAPHER = { register: S2_BODY, login: S2_BODY };

/** S4 prints the address of S2 with another password. */
const S4_BODY = `{
    "email": "user@example.com",
    "password": "securepassword123"
  }`;
export const ARCHIVIST = { register: S4_BODY, login: S4_BODY };
